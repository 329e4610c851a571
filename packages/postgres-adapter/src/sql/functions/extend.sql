-- Lets leases end later, in groups of one claim and attempt. Answers for each group the jobs that are extended, and of these the ones that someone asked to cancel.
create function jobport.extend(
  nos bigint[], queues integer[], attempts integer[], claims text[], seqs text[], lease bigint,
  out extended text[], out cancelled text[]
) language plpgsql as $$
declare
  ends bigint := jobport.after(jobport.ms(), lease);
  one record;
  held record;
  wanted bigint[];
  took bigint[];
  kept bigint[];
  asked bigint[];
begin
  extended := array_fill(null::text, array[cardinality(nos)]);
  cancelled := extended;
  for one in
    select * from unnest(nos, queues, attempts, claims, seqs) with ordinality as u (no, queue, attempt, claim, seqs, i)
    order by u.no, u.attempt, u.i
  loop
    wanted := one.seqs::bigint[];
    kept := '{}';
    asked := '{}';
    for held in
      select l.ctid as tid, l.* from jobport.leases l
      where l.no = one.no and l.queue = one.queue and l.attempt = one.attempt and l.claim = one.claim and l.seqs && wanted
      order by l.ctid for update skip locked
    loop
      took := array(select s from unnest(wanted) s where s = any (held.seqs));
      continue when cardinality(took) = 0;
      kept := kept || took;
      if held.flags & 4 <> 0 then asked := asked || took; end if;
      perform jobport.part_lease(held.tid, took, ends, held.flags);
    end loop;
    -- Somebody is busy with the others, mostly a transaction of the caller that settles them: they are held until it ends, and are asked for again soon.
    if cardinality(kept) < cardinality(wanted) then
      kept := kept || array(
        select s from jobport.leases l, unnest(l.seqs) s
        where l.no = one.no and l.queue = one.queue and l.attempt = one.attempt and l.claim = one.claim and s = any (wanted) and s <> all (kept)
      );
    end if;
    extended[one.i] := kept::text;
    cancelled[one.i] := asked::text;
  end loop;
end
$$;
