-- Applies settlements, in groups of one claim, block, attempt, outcome and time to keep or delay. `outcomes`: 0 only asks, 1 returned, 2 returned by a
-- failure, 3 completed, 4 dead, 5 cancelled. `blocks` and `sets`: the jobs of each group.
-- `note_…`: results and errors, by number of group and job. `then_…`: jobs that follow, by number of group and job.
-- Answers null when all were applied; else for each group null, or the set of jobs that were not. Of those that only ask: which are not held and were not settled
-- by this token, and which were.
create function jobport.conclude(
  nos bigint[], queues integer[], attempts integer[], claims text[], outcomes integer[], times bigint[], blocks bigint[], sets bit varying[],
  note_groups integer[], note_seqs bigint[], note_results text[], note_errors text[],
  then_groups integer[], then_seqs bigint[],
  keys uuid[], kinds integer[], payloads text[], extras text[], ranks integer[], delays bigint[],
  groups text[], uniques text[], holds bigint[], ids text[]
) returns text[] language plpgsql as $$
declare
  moment bigint := jobport.ms();
  answers text[];
  one record;
  held record;
  none constant bit varying := jobport.no_bits();
  left_over bit varying;
  took bit varying;
  applied bit varying;
  settled bit varying;
  now_groups integer[];
  now_seqs bigint[];
begin
  for one in
    select * from unnest(nos, queues, attempts, claims, outcomes, times, blocks, sets)
      with ordinality as u (no, queue, attempt, claim, outcome, time, block, jobs, i)
    order by u.no, u.block, u.attempt, u.i
  loop
    left_over := one.jobs;
    applied := none;
    -- `+ 0`: or the planner, for whom the table is always small, looks through all leases of the queue.
    for held in
      select l.ctid as tid, l.* from jobport.leases l
      where l.no = one.no and l.block = one.block and l.queue + 0 = one.queue and l.attempt = one.attempt and l.claim = one.claim
        and l.jobs & one.jobs <> none
      order by l.ctid for update
    loop
      took := left_over & held.jobs;
      continue when took = none;
      left_over := left_over & ~took;
      continue when one.outcome = 0;
      if took = held.jobs then
        delete from jobport.leases l where l.ctid = held.tid;
      else
        update jobport.leases l set jobs = held.jobs & ~took where l.ctid = held.tid;
      end if;
      applied := applied | took;

      if note_errors is not null and (one.outcome < 3 or one.time > 0) then
        perform jobport.note(n.seq, n.error, null, null)
        from unnest(note_groups, note_seqs, note_errors) as n (i, seq, error)
        where n.i = one.i and n.error is not null and jobport.has(took, n.seq);
      end if;
      if one.outcome >= 3 then
        perform jobport.finish(
          one.outcome, one.queue, moment, one.time, one.no, one.claim, held.claimed_at, held.flags, held.attempt,
          held.failures, held.crashes, held.redrives, one.block, took, one.i::integer, note_groups, note_seqs, note_results
        );
      else
        insert into jobport.returned (seq, no, attempt, claim) select s, one.no, one.attempt, one.claim from jobport.seqs_of(one.block, took) s
        on conflict (seq) do update set no = excluded.no, attempt = excluded.attempt, claim = excluded.claim;
        perform jobport.place(
          (
            j.seq, one.queue, coalesce(j.rank, 0), held.flags, held.attempt, held.failures + case one.outcome when 2 then 1 else 0 end,
            held.crashes, held.redrives, held.claimed_at, case when one.time > 0 then jobport.after(moment, one.time) end, null
          )::jobport.mobile, moment
        )
        from jobport.seqs_of(one.block, took) s cross join jobport.job_at(s) j;
      end if;
    end loop;

    if left_over <> none then
      -- Those that this very token has settled before are as good as applied.
      select bit_or(known.jobs) into settled from (
        select e.jobs & left_over from jobport.endings e
        where e.queue = one.queue and e.state in (3, 4, 5) and e.block = one.block
          and e.no = one.no and e.attempt = one.attempt and e.claim = one.claim
        union all
        select jobport.bit_of(r.seq) from jobport.returned r
        where r.seq in (select jobport.seqs_of(one.block, left_over)) and r.no = one.no and r.attempt = one.attempt and r.claim = one.claim
      ) as known (jobs);
      settled := coalesce(settled, none);
      left_over := left_over & ~settled;
      if one.outcome = 0 or left_over <> none then
        answers := coalesce(answers, array_fill(null::text, array[cardinality(nos)]));
        -- Not held any more: the caller's own reason to refuse does not matter.
        answers[one.i] := case when one.outcome = 0 then concat_ws('|', left_over, settled) else left_over::text end;
      end if;
    end if;
    if then_groups is not null and applied <> none then
      now_groups := now_groups || array_fill(one.i::integer, array[jobport.size_of(applied)]);
      now_seqs := now_seqs || array(select jobport.seqs_of(one.block, applied));
    end if;
  end loop;

  if now_groups is not null then
    with followers as materialized (
      select f.* from unnest(then_groups, then_seqs, keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids)
        with ordinality as f (parent_group, parent, key, kind, payload, extra, rank, delay, grouped, uniq, hold, id, i)
      where (f.parent_group, f.parent) in (select * from unnest(now_groups, now_seqs))
    )
    select
      array_agg(f.key order by f.i), array_agg(coalesce(f.kind, kinds[1]) order by f.i), array_agg(f.payload order by f.i), array_agg(f.extra order by f.i),
      array_agg(f.rank order by f.i), array_agg(f.delay order by f.i), array_agg(f.grouped order by f.i),
      array_agg(f.uniq order by f.i), array_agg(f.hold order by f.i), array_agg(f.id order by f.i)
    into keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids
    from followers f;
    if keys is not null then
      if not exists (select from unnest(groups, uniques) as u (g, k) where u.g is not null or u.k is not null) then
        groups := null;
        uniques := null;
      end if;
      perform jobport.add(keys, kinds, payloads, extras, ranks, delays, groups, uniques, holds, ids, false);
    end if;
  end if;
  return answers;
end
$$;
