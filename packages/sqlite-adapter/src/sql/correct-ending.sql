update jobport_endings set jobs = ?2, seqs = ?3 where no = ?1
