-- Changes the end and the flags of some jobs of a leased row, which get a row of their own when they are not all of it.
create function jobport.part_lease(tid tid, took bigint[], ends bigint, new_flags integer) returns void language plpgsql as $$
declare
  held jobport.leases;
begin
  select * into held from jobport.leases l where l.ctid = tid;
  if cardinality(took) = cardinality(held.seqs) then
    update jobport.leases l set until = ends, flags = new_flags where l.ctid = tid;
  else
    update jobport.leases l set seqs = array(select s from unnest(held.seqs) s where s <> all (took)) where l.ctid = tid;
    insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, claim, seqs)
    values (
      held.no, ends, held.claimed_at, held.queue, new_flags, held.attempt, held.failures, held.crashes, held.redrives, held.claim, took
    );
  end if;
end
$$;
