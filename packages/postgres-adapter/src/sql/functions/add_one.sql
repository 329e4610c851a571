-- Enqueues a job that may have a unique key or a group. Answers null, '' when its id is known, or the id of the holder of its key.
create function jobport.add_one(
  new_key uuid, new_kind integer, new_payload text, new_extra text, new_rank integer, delay bigint,
  grouped text, unique_key text, hold bigint, id text, moment bigint
) returns text language plpgsql as $$
declare
  m jobport.mobile;
  holder text;
begin
  if exists (select from jobport.jobs j where j.key = new_key) then return ''; end if;
  select k.queue into m.queue from jobport.kinds k where k.no = new_kind;
  m.seq := nextval('jobport.seqs');
  m.rank := coalesce(new_rank, 0);
  m.flags := case when unique_key is null then 0 else 1 end + case when grouped is null then 0 else 2 end;
  m.attempt := 0;
  m.failures := 0;
  m.crashes := 0;
  m.redrives := 0;
  m.due_at := case when delay > 0 then jobport.after(moment, delay) end;
  if unique_key is not null then
    delete from jobport.uniques u
    where u.queue = m.queue and md5(u.key) = md5(unique_key) and u.released and u.until <= moment;
    loop
      insert into jobport.uniques (queue, seq, until, id, key)
      values (m.queue, m.seq, jobport.after(moment, coalesce(hold, 0)), id, unique_key) on conflict do nothing;
      exit when found;
      select u.id into holder from jobport.uniques u where u.queue = m.queue and md5(u.key) = md5(unique_key);
      if found then return holder; end if;
    end loop;
  end if;
  insert into jobport.jobs (seq, enqueued_at, key, kind, payload, rank, extra)
  values (m.seq, moment, new_key, new_kind, new_payload, new_rank, new_extra) on conflict do nothing;
  if not found then
    delete from jobport.uniques u where u.seq = m.seq;
    return '';
  end if;
  if grouped is null then
    perform jobport.place(m, moment);
  else
    perform jobport.join_group(m, grouped, moment);
  end if;
  return null;
end
$$;
