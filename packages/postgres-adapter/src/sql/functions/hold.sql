-- Puts a job behind the head of its group.
create function jobport.hold(m jobport.mobile, grouped text) returns void language sql as $$
  insert into jobport.held (seq, queue, rank, due_at, flags, attempt, failures, crashes, redrives, claimed_at, group_key)
  values (m.seq, m.queue, m.rank, m.due_at, m.flags, m.attempt, m.failures, m.crashes, m.redrives, m.claimed_at, grouped)
$$;
