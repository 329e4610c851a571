-- A message has come of a job that cannot run yet. It is sent at that moment: earlier than it would be, or, where the message was of a paused queue, not before.
create function jobport.send_later(job bigint, moment bigint, parks boolean) returns void language sql as $$
  insert into jobport.unsent as u (seq, at, sending) values (job, moment, nextval('jobport.sendings')::text)
  on conflict (seq) do update set at = excluded.at, sending = excluded.sending where parks or u.at > excluded.at
$$;
