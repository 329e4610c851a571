-- Changes the end and the flags of some jobs of a leased row, which get a row of their own when they are not all of it.
create function jobport.part_lease(tid tid, took bit varying, ends bigint, new_flags integer) returns void language plpgsql as $$
declare
  held jobport.leases;
begin
  select * into held from jobport.leases l where l.ctid = tid;
  if took = held.jobs then
    update jobport.leases l set until = ends, flags = new_flags where l.ctid = tid;
  else
    update jobport.leases l set jobs = held.jobs & ~took where l.ctid = tid;
    insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, block, claim, jobs)
    values (
      held.no, ends, held.claimed_at, held.queue, new_flags, held.attempt, held.failures, held.crashes, held.redrives, held.block, held.claim, took
    );
  end if;
end
$$;
