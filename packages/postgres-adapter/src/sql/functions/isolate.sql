-- Gives jobs of a claim a row of their own, for a transaction of the caller that will lock it until it ends: the others go on meanwhile.
create function jobport.isolate(nos bigint[], queues integer[], attempts integer[], claims text[], blocks bigint[], sets bit varying[])
returns void language plpgsql as $$
declare
  one record;
  held record;
begin
  for one in
    select * from unnest(nos, queues, attempts, claims, blocks, sets) with ordinality as u (no, queue, attempt, claim, block, jobs, i)
    order by u.no, u.block, u.attempt, u.i
  loop
    for held in
      select l.ctid as tid, l.* from jobport.leases l
      where l.no = one.no and l.block = one.block and l.queue + 0 = one.queue and l.attempt = one.attempt and l.claim = one.claim
        and l.jobs & one.jobs <> jobport.no_bits()
      order by l.ctid for update
    loop
      perform jobport.part_lease(held.tid, held.jobs & one.jobs, held.until, held.flags);
    end loop;
  end loop;
end
$$;
