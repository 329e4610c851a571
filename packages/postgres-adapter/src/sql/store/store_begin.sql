-- Notes that attempts start. `claims` and `queues` have one element where all have the same. Answers for each run of successive ones that start, and have all else in
-- common: the place of the first, how many they are, its number, attempt, failures, crashes, redrives, flags, the number of the claim, the time of the enqueue and the origin,
-- parted by commas; and for each whose queue is paused its place.
create function jobport.store_begin(
  keys uuid[], claims text[], queues integer[], lease bigint, out started text[], out paused integer[]
) language plpgsql as $$
declare
  moment bigint := jobport.ms();
  ends bigint := jobport.after(moment, lease);
  claim_no bigint := nextval('jobport.claims');
  island record;
  run jobport.ready;
  one record;
begin
  for island in
    select
      min(u.i) as i, count(*) as size, min(j.seq) as low, max(j.seq) as high, coalesce(j.rank, 0) as rank, j.enqueued_at, j.origin,
      coalesce(claims[u.i], claims[1]) as claim, coalesce(queues[u.i], queues[1]) as queue
    from unnest(keys) with ordinality as u (key, i) join jobport.jobs j on j.key = u.key
    group by j.seq - u.i, j.rank, j.enqueued_at, j.origin, coalesce(claims[u.i], claims[1]), coalesce(queues[u.i], queues[1])
    order by 3
  loop
    run := null;
    -- Those that were claimed before are in the other line, and have a past that is looked at.
    if not (select q.paused from jobport.queues q where q.no = island.queue) then
      run := jobport.cut_run(island.low, island.high, island.queue, island.rank, array[1]::smallint[]);
    end if;
    if run.queue is not null then
      perform jobport.unsend(b, jobport.bits_of(b, island.low, island.high)) from generate_series(island.low >> 8, island.high >> 8) b;
      insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, block, claim, jobs)
      select claim_no, ends, moment, island.queue, run.flags, run.attempt + 1, run.failures, run.crashes, run.redrives, b, island.claim,
        jobport.bits_of(b, island.low, island.high)
      from generate_series(island.low >> 8, island.high >> 8) b;
      started := started || concat_ws(
        ',', island.i, island.size, island.low, run.attempt + 1, run.failures, run.crashes, run.redrives, run.flags, claim_no, island.enqueued_at, island.origin
      );
      continue;
    end if;
    for one in
      select island.i + s - island.low as i, b.* from generate_series(island.low, island.high) s
      cross join lateral jobport.store_begin_one(s, island.rank, island.queue, island.claim, claim_no, moment, ends) b
    loop
      if one.paused then
        paused := paused || one.i::integer;
      elsif one.attempt is not null then
        started := started || concat_ws(
          ',', one.i, 1, one.i - island.i + island.low, one.attempt, one.failures, one.crashes, one.redrives, one.flags, one.no, island.enqueued_at, island.origin
        );
      end if;
    end loop;
  end loop;
end
$$;
