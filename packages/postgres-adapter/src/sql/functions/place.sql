-- Puts a job that nothing holds back where it waits for its time or its turn.
create function jobport.place(m jobport.mobile, moment bigint) returns void language plpgsql as $$
begin
  if m.due_at > moment then
    insert into jobport.later (seq, queue, rank, due_at, flags, attempt, failures, crashes, redrives, claimed_at)
    values (m.seq, m.queue, m.rank, m.due_at, m.flags, m.attempt, m.failures, m.crashes, m.redrives, m.claimed_at);
  else
    insert into jobport.ready (queue, rank, line, first, next, last, flags, attempt, failures, crashes, redrives, claimed_at)
    values (
      m.queue, m.rank, case when m.attempt > 0 or m.redrives > 0 then 0 else 1 end, m.seq, m.seq, m.seq,
      m.flags, m.attempt, m.failures, m.crashes, m.redrives, m.claimed_at
    );
  end if;
end
$$;
