delete from jobport_ready where queue = ? and rank = ? and seq = ?
returning seq, queue, rank, flags, attempt, failures, crashes, redrives, claimed_at, null
