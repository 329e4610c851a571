update jobport_endings set jobs = jobs - ?2, removed = ?3 where no = ?1
