-- Enqueues a batch. `kinds` has one element where all jobs have the same. `ascending`: the keys are in their order. Answers null when all were enqueued, else for each job
-- null, '' when its id is known, or the id of the holder of its key.
create function jobport.add(
  keys uuid[], kinds integer[], payloads text[], extras text[], ranks integer[], delays bigint[],
  groups text[], uniques text[], holds bigint[], ids text[], ascending boolean
) returns text[] language plpgsql as $$
declare
  moment bigint := jobport.ms();
  size integer := cardinality(keys);
  seqs bigint[];
  alone bigint;
  inserted bigint;
  answers text[];
  answer text;
begin
  if groups is not null or uniques is not null then
    for i in 1..size loop
      answer := jobport.add_one(
        keys[i], coalesce(kinds[i], kinds[1]), payloads[i], extras[i], ranks[i], delays[i],
        groups[i], uniques[i], holds[i], coalesce(ids[i], keys[i]::text), moment
      );
      if answer is not null then
        answers := coalesce(answers, array_fill(null::text, array[size]));
        answers[i] := answer;
      end if;
    end loop;
    return answers;
  end if;

  -- The most frequent call: plain values cost the server less than arrays that are read as rows.
  if size = 1 and delays is null then
    insert into jobport.jobs (seq, enqueued_at, key, kind, payload, rank, extra)
    values (nextval('jobport.seqs'), moment, keys[1], kinds[1], payloads[1], ranks[1], extras[1])
    on conflict (key) do nothing returning seq into alone;
    if alone is null then return array['']; end if;
    insert into jobport.ready (queue, rank, line, first, next, last)
    values ((select k.queue from jobport.kinds k where k.no = kinds[1]), coalesce(ranks[1], 0), 1, alone, alone, alone);
    return null;
  end if;

  seqs := array(select nextval('jobport.seqs') from generate_series(1, size));
  -- By the order of keys: two batches with the same ids would wait for each other otherwise. Looking for a conflict at each job costs a third of
  -- the insert, so a large batch is tried without first.
  if size > 8 then
    begin
      if ascending and cardinality(kinds) = 1 and ranks is null and extras is null then
        insert into jobport.jobs (seq, enqueued_at, key, kind, payload) select unnest(seqs), moment, unnest(keys), kinds[1], unnest(payloads);
      else
        insert into jobport.jobs (seq, enqueued_at, key, kind, payload, rank, extra)
        select u.seq, moment, u.key, coalesce(u.kind, kinds[1]), u.payload, u.rank, u.extra
        from unnest(seqs, keys, kinds, payloads, ranks, extras) as u (seq, key, kind, payload, rank, extra)
        order by u.key;
      end if;
      inserted := size;
    exception when unique_violation then
      inserted := null;
    end;
  end if;
  if inserted is null then
    insert into jobport.jobs (seq, enqueued_at, key, kind, payload, rank, extra)
    select u.seq, moment, u.key, coalesce(u.kind, kinds[1]), u.payload, u.rank, u.extra
    from unnest(seqs, keys, kinds, payloads, ranks, extras) as u (seq, key, kind, payload, rank, extra)
    order by u.key
    on conflict (key) do nothing;
    get diagnostics inserted = row_count;
  end if;
  if inserted < size then
    answers := array(
      select case when j.seq is null then '' end
      from unnest(seqs) with ordinality as u (seq, i) left join jobport.job_at(u.seq) j on true
      order by u.i
    );
    if inserted = 0 then return answers; end if;
  elsif ranks is null and delays is null and cardinality(kinds) = 1 and seqs[size] - seqs[1] = size - 1 then
    insert into jobport.ready (queue, rank, line, first, next, last)
    values ((select k.queue from jobport.kinds k where k.no = kinds[1]), 0, 1, seqs[1], seqs[1], seqs[size]);
    return null;
  end if;

  with fresh as materialized (
    select u.seq, coalesce(u.rank, 0) as rank, u.delay, (select k.queue from jobport.kinds k where k.no = coalesce(u.kind, kinds[1])) as queue
    from unnest(seqs, kinds, ranks, delays, answers) as u (seq, kind, rank, delay, answer)
    where u.answer is null
  ), delayed as (
    insert into jobport.later (seq, queue, rank, due_at)
    select f.seq, f.queue, f.rank, jobport.after(moment, f.delay) from fresh f where f.delay > 0
  )
  insert into jobport.ready (queue, rank, line, first, next, last)
  select f.queue, f.rank, 1, min(f.seq), min(f.seq), max(f.seq)
  from (
    select f.seq, f.queue, f.rank, f.seq - row_number() over (partition by f.queue, f.rank order by f.seq) as island
    from fresh f where coalesce(f.delay, 0) <= 0
  ) f
  group by f.queue, f.rank, f.island;
  return answers;
end
$$;
