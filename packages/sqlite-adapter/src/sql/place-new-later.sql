insert into jobport_later (seq, queue, rank, due_at, flags, attempt, failures, crashes, redrives)
select seq, queue, rank, due_at, 0, 0, 0, 0, 0 from jobport_jobs where seq > ? and flags = 0 and due_at is not null
