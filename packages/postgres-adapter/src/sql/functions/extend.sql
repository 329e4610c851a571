-- Lets leases end later, in groups of one claim, block and attempt. Answers for each group the set of jobs that are extended, of these the ones that someone asked
-- to cancel, and the set of jobs that are held but were not extended, since somebody is busy with them.
create function jobport.extend(
  nos bigint[], queues integer[], attempts integer[], claims text[], blocks bigint[], sets bit varying[], lease bigint,
  out extended text[], out cancelled text[], out busy text[]
) language plpgsql as $$
declare
  none constant bit varying := jobport.no_bits();
  ends bigint := jobport.after(jobport.ms(), lease);
  one record;
  held record;
  took bit varying;
  kept bit varying;
  asked bit varying;
  others bit varying;
begin
  extended := array_fill(null::text, array[cardinality(nos)]);
  cancelled := extended;
  busy := extended;
  for one in
    select * from unnest(nos, queues, attempts, claims, blocks, sets) with ordinality as u (no, queue, attempt, claim, block, jobs, i)
    order by u.no, u.block, u.attempt, u.i
  loop
    kept := none;
    asked := none;
    others := none;
    for held in
      select l.ctid as tid, l.* from jobport.leases l
      where l.no = one.no and l.block = one.block and l.queue + 0 = one.queue and l.attempt = one.attempt and l.claim = one.claim
        and l.jobs & one.jobs <> none
      order by l.ctid for update skip locked
    loop
      took := one.jobs & held.jobs;
      kept := kept | took;
      if held.flags & 4 <> 0 then asked := asked | took; end if;
      perform jobport.part_lease(held.tid, took, ends, held.flags);
    end loop;
    -- Somebody settles some of the others, in a moment or in a long transaction of the caller. Until that ends they are held, but their lease may end right after it.
    if kept <> one.jobs then
      others := coalesce((
        select bit_or(l.jobs & one.jobs & ~kept) from jobport.leases l
        where l.no = one.no and l.block = one.block and l.queue + 0 = one.queue and l.attempt = one.attempt and l.claim = one.claim
      ), none);
    end if;
    extended[one.i] := kept;
    cancelled[one.i] := asked;
    busy[one.i] := others;
  end loop;
end
$$;
