insert into jobport_ready (queue, rank, seq, flags, attempt, failures, crashes, redrives)
select queue, rank, seq, 0, 0, 0, 0, 0 from jobport_jobs where seq > ? and flags = 0 and due_at is null
