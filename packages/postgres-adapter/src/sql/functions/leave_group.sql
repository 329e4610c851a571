-- Lets the next of a group start when its head is finished or removed.
create function jobport.leave_group(leaver bigint, moment bigint) returns void language plpgsql as $$
declare
  head record;
  m jobport.mobile;
begin
  select h.ctid as tid, h.queue, h.group_key into head from jobport.heads h where h.seq = leaver for update;
  if not found then return; end if;
  delete from jobport.held h where h.seq = (
    select n.seq from jobport.held n
    where n.queue = head.queue and md5(n.group_key) = md5(head.group_key) order by n.seq limit 1
  )
  returning h.seq, h.queue, h.rank, h.flags, h.attempt, h.failures, h.crashes, h.redrives, h.claimed_at, h.due_at into m;
  if found then
    update jobport.heads h set seq = m.seq where h.ctid = head.tid;
    perform jobport.place(m, moment);
  else
    delete from jobport.heads h where h.ctid = head.tid;
  end if;
end
$$;
