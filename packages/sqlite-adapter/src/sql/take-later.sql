delete from jobport_later where seq = ?
returning seq, queue, rank, flags, attempt, failures, crashes, redrives, claimed_at, due_at
