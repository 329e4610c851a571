-- Notes that attempts of one claim start. Answers for each run of successive ones that start, and have all else in common: the place of the first, how many they are, its number,
-- attempt, failures, crashes, redrives, flags, the number of the claim, the time of the enqueue and the origin, parted by commas; and for each whose queue is paused its place.
create function jobport.store_begin(
  keys uuid[], claim text, queue integer, lease bigint, out started text[], out paused integer[]
) language plpgsql as $$
declare
  moment bigint := jobport.ms();
  ends bigint := jobport.after(moment, lease);
  claim_no bigint := nextval('jobport.claims');
  island record;
  low bigint;
  run jobport.ready;
  one record;
  lows bigint[];
  highs bigint[];
  marks integer[];
begin
  for island in select * from jobport.stretches(keys) s order by s.low
  loop
    lows := null;
    highs := null;
    marks := null;
    low := island.low;
    while low <= island.high loop
      run := null;
      -- Those that were claimed before are in the other line, and have a past that is looked at.
      if not (select q.paused from jobport.queues q where q.no = store_begin.queue) then
        run := jobport.cut_run(low, island.high, store_begin.queue, island.rank, array[1]::smallint[]);
      end if;
      if run.queue is not null then
        lows := lows || low;
        highs := highs || run.last;
        marks := marks || run.flags;
        started := started || concat_ws(
          ',', island.i + low - island.low, run.last - low + 1, low, 1, 0, 0, 0, run.flags, claim_no, island.enqueued_at, island.origin
        );
        low := run.last + 1;
        continue;
      end if;
      select * into one from jobport.store_begin_one(low, island.rank, store_begin.queue, claim, claim_no, moment, ends);
      if one.paused then
        paused := paused || (island.i + low - island.low)::integer;
      elsif one.attempt is not null then
        started := started || concat_ws(
          ',', island.i + low - island.low, 1, low, one.attempt, one.failures, one.crashes, one.redrives, one.flags, one.no, island.enqueued_at, island.origin
        );
      end if;
      low := low + 1;
    end loop;
    continue when lows is null;
    with parts as materialized (
      select b as block, p.flags, bit_or(jobport.bits_of(b, p.low, p.high)) as jobs
      from unnest(lows, highs, marks) as p (low, high, flags) cross join generate_series(p.low >> 8, p.high >> 8) b
      group by 1, 2
    ), leased as (
      insert into jobport.leases (no, until, claimed_at, queue, flags, attempt, failures, crashes, redrives, block, claim, jobs)
      select claim_no, ends, moment, store_begin.queue, p.flags, 1, 0, 0, 0, p.block, claim, p.jobs from parts p
    )
    select count(jobport.unsend(p.block, p.jobs)) into low from (select * from parts order by block) p;
  end loop;
end
$$;
