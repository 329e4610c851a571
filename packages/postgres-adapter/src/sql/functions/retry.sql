-- Makes jobs claimable now. Answers whether they were finished or scheduled, and now are.
create function jobport.retry(wanted uuid[]) returns boolean[] language plpgsql as $$
declare
  moment bigint := jobport.ms();
  answers boolean[] := array_fill(false, array[cardinality(wanted)]);
  job record;
  stirred integer[] := '{}';
  m jobport.mobile;
  ended jobport.endings;
  details json;
  holder record;
begin
  for i in 1..cardinality(wanted) loop
    select j.seq, coalesce(j.rank, 0) as rank, k.queue, j.extra, j.key into job
    from jobport.jobs j join jobport.kinds k on k.no = j.kind where j.key = wanted[i];
    continue when not found;
    details := job.extra::json;
    if exists (select from jobport.later l where l.seq = job.seq and l.due_at > moment)
      or exists (select from jobport.held h where h.seq = job.seq and h.due_at > moment)
    then
      m := jobport.displace(job.seq, job.queue, job.rank);
      continue when m.seq is null;
      m.due_at := null;
      if m.group_key is null then
        perform jobport.place(m, moment);
      else
        perform jobport.join_group(m, m.group_key, moment);
      end if;
      stirred := stirred || job.queue;
    answers[i] := true;
      continue;
    end if;

    select * into ended from jobport.ending_of(job.seq, job.queue);
    continue when not found or ended.keep_until <= moment;
    if ended.flags & 1 <> 0 then
      select u.seq, u.until, u.released into holder from jobport.uniques u
      where u.queue = job.queue and md5(u.key) = md5(details ->> 'u') for update;
      continue when found and holder.seq <> job.seq and (not holder.released or holder.until > moment);
      insert into jobport.uniques (queue, seq, until, id, key)
      values (job.queue, job.seq, moment, coalesce(details ->> 'i', job.key::text), details ->> 'u')
      on conflict (queue, md5(key)) do update set seq = excluded.seq, id = excluded.id, released = false;
    end if;
    perform jobport.depart(job.seq, job.queue, coalesce(details ->> 'i', job.key::text));
    if ended.no is not null then
      insert into jobport.returned (seq, no, attempt, claim) values (job.seq, ended.no, ended.attempt, ended.claim)
      on conflict (seq) do update set no = excluded.no, attempt = excluded.attempt, claim = excluded.claim;
    end if;
    m := (job.seq, job.queue, job.rank, ended.flags & 3, ended.attempt, 0, 0, ended.redrives + 1, ended.claimed_at, null, null)::jobport.mobile;
    if ended.flags & 2 = 0 then
      perform jobport.place(m, moment);
    else
      perform jobport.join_group(m, details ->> 'g', moment);
    end if;
    stirred := stirred || job.queue;
    answers[i] := true;
  end loop;
  perform jobport.stir(stirred);
  return answers;
end
$$;
