delete from jobport_active where seq = ? and claim = ? and attempt = ? and queue = ?
returning seq, queue, (select rank from jobport_jobs where seq = jobport_active.seq), flags, attempt, failures, crashes, redrives, claimed_at, null
