delete from jobport_held where queue = ? and group_key = ? and seq = ?
returning seq, queue, rank, flags, attempt, failures, crashes, redrives, claimed_at, due_at
