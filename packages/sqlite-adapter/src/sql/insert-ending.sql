insert into jobport_endings (queue, state, finished_at, keep_until, gone_at, jobs, seqs) values (?, ?, ?, ?, ?, ?, ?)
