-- Gives jobs of a claim a row of their own, for a transaction of the caller that will lock it until it ends: the others go on meanwhile.
create function jobport.isolate(nos bigint[], queues integer[], attempts integer[], claims text[], seqs text[]) returns void language plpgsql as $$
declare
  one record;
  held record;
  took bigint[];
begin
  for one in
    select * from unnest(nos, queues, attempts, claims, seqs) with ordinality as u (no, queue, attempt, claim, seqs, i)
    order by u.no, u.attempt, u.i
  loop
    for held in
      select l.ctid as tid, l.seqs, l.until, l.flags from jobport.leases l
      where l.no = one.no and l.queue = one.queue and l.attempt = one.attempt and l.claim = one.claim and cardinality(l.seqs) > 1
        and l.seqs && one.seqs::bigint[]
      order by l.ctid for update
    loop
      took := array(select s from unnest(one.seqs::bigint[]) s where s = any (held.seqs));
      if cardinality(took) > 0 then
        perform jobport.part_lease(held.tid, took, held.until, held.flags);
      end if;
    end loop;
  end loop;
end
$$;
