update jobport_endings set jobs = jobs - 1 where no = ?
