-- Adds a job from SQL: from a trigger, or another language. Answers its id; that of the job which stands for it, if the id is known or the unique key taken.
create function jobport.enqueue(
  queue text,
  name text,
  payload json,
  id text default null,
  delay interval default null,
  priority integer default 0,
  unique_key text default null,
  unique_within interval default null,
  group_key text default null,
  headers json default null
) returns text language plpgsql as $$
declare
  key uuid;
  extra text;
  answers text[];
begin
  if queue !~ '^[A-Za-z0-9._:-]{1,80}$' or name !~ '^[A-Za-z0-9._:-]{1,80}$' then
    raise exception 'queue and name have 1 to 80 of A-Z a-z 0-9 . _ : -' using errcode = '22023';
  end if;
  if id is not null and id !~ '^[A-Za-z0-9._:-]{1,128}$' then
    raise exception 'an id has 1 to 128 of A-Z a-z 0-9 . _ : -' using errcode = '22023';
  end if;
  if payload is null or priority is null or priority < 0 or delay < interval '0' or unique_within < interval '0' then
    raise exception 'payload and priority must be there, and no number or interval below 0' using errcode = '22023';
  end if;
  id := coalesce(id, gen_random_uuid()::text);
  if id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[1-79a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    key := id::uuid;
  else
    key := overlay(substr(encode(sha256(convert_to(id, 'UTF8')), 'hex'), 1, 32) placing '8' from 13)::uuid;
  end if;
  -- Keys are stored as JSON strings, and what is in `extra` as text of it.
  extra := nullif(json_strip_nulls(json_build_object(
    'i', case when key::text <> id then id end, 'h', headers::text,
    'g', to_json(group_key)::text, 'u', to_json(unique_key)::text
  ))::text, '{}');
  answers := jobport.add(
    array[key], jobport.name_kinds(array[queue], array[name]), array[payload::text], array[extra],
    case when priority > 0 then array[-priority] end, case when delay > interval '0' then array[ceil(extract(epoch from delay) * 1000)::bigint] end,
    case when group_key is not null then array[to_json(group_key)::text] end,
    case when unique_key is not null then array[to_json(unique_key)::text] end,
    case when unique_within is not null then array[ceil(extract(epoch from unique_within) * 1000)::bigint] end, array[id], true
  );
  -- There is nobody who could ring afterwards. When the queue of notifications runs full, a commit must not fail for it.
  if pg_notification_queue_usage() < 0.5 then
    perform jobport.stir(array[jobport.name_queue(queue)]);
  end if;
  return coalesce(nullif(answers[1], ''), id);
end
$$;
