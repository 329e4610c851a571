update jobport_leases set jobs = ?2, first = ?3, last = ?4, seqs = ?5 where no = ?1
