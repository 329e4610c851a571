-- Seats a job in its group by the order of enqueueing, but never ahead of a head that was claimed since it joined, and places it: as the
-- head, or behind it. A head that it displaces is held from now on.
create function jobport.join_group(m jobport.mobile, grouped text, moment bigint) returns void language plpgsql as $$
declare
  seated bigint;
  moved jobport.mobile;
begin
  loop
    insert into jobport.heads (queue, seq, group_key) values (m.queue, m.seq, grouped) on conflict do nothing;
    if found then
      perform jobport.place(m, moment);
      return;
    end if;
    -- So that the head cannot leave before this transaction has ended: nobody would let this job start then.
    select h.seq into seated from jobport.heads h
    where h.queue = m.queue and md5(h.group_key) = md5(grouped) for no key update;
    exit when found;
  end loop;
  if seated > m.seq then
    select * into moved from jobport.displace(seated, m.queue, (select coalesce(j.rank, 0) from jobport.job_at(seated) j));
    if moved.seq is not null then
      if moved.flags & 8 = 0 then
        perform jobport.hold(moved, grouped);
        update jobport.heads h set seq = m.seq where h.queue = m.queue and md5(h.group_key) = md5(grouped);
        perform jobport.place(m, moment);
        return;
      end if;
      perform jobport.place(moved, moment);
    end if;
  end if;
  perform jobport.hold(m, grouped);
end
$$;
