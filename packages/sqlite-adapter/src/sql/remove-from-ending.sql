update jobport_endings set jobs = jobs - 1, removed = json_insert(coalesce(removed, '[]'), '$[#]', ?2) where no = ?1
