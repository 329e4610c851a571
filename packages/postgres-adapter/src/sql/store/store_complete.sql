-- Applies those settlements at once that end a claim and concern nothing but their job: no unique key, no group, no error, no job that follows. Answers which.
create function jobport.store_complete(
  wanted uuid[], tokens text[], outcomes integer[], times bigint[], results text[], errors text[], then_groups integer[]
) returns integer[] language sql as $$
  with asked as materialized (
    select distinct on (u.key, u.token) u.*
    from unnest(wanted, tokens, outcomes, times, results, errors) with ordinality as u (key, token, outcome, time, result, error, i)
    order by u.key, u.token, u.i
  ), known as materialized (
    -- By the place on the disk: the planner takes each table for empty, and would look through all leases. One that has moved since is not found there.
    select a.*, j.seq, (select l.ctid from jobport.leases l where l.block = j.seq >> 8 and l.claim = a.token and jobport.has(l.jobs, j.seq) limit 1) as tid
    from asked a join jobport.jobs j on j.key = a.key
    where a.outcome >= 3 and a.error is null and a.i <> all (coalesce(then_groups, '{}'))
    order by j.seq
  ), held as (
    delete from jobport.leases l using known k
    where l.ctid = k.tid and l.claim = k.token and l.flags & 3 = 0
    returning k.i, k.seq, k.outcome, k.time, k.result, l.*
  ), ended as (
    insert into jobport.endings (
      block, finished_at, keep_until, gone_at, no, claimed_at, queue, state, flags, attempt, failures, crashes, redrives, claim, jobs, size, resulted, results
    )
    select
      h.block, c.moment, jobport.after(c.moment, h.time), jobport.after(c.moment, greatest(h.time, 120000)), h.no, h.claimed_at, h.queue, h.outcome,
      h.flags, h.attempt, h.failures, h.crashes, h.redrives, h.claim, h.jobs, 1,
      case when h.result is not null and h.time > 0 then h.jobs end, case when h.result is not null and h.time > 0 then array[h.result] end
    from held h cross join (select jobport.ms() as moment) c
  )
  select coalesce(array_agg(h.i::integer), '{}') from held h
$$;
