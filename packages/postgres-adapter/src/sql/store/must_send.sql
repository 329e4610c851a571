-- Whenever a job comes to wait, it has to be sent: at once, unless whoever made it wait is about to, as `jobport.hand_off` and `jobport.grace` say of this transaction.
create function jobport.must_send() returns trigger language plpgsql as $$
declare
  moment bigint := jobport.ms();
  hand_off bigint := nullif(current_setting('jobport_schema.hand_off', true), '');
  grace bigint := coalesce(nullif(current_setting('jobport_schema.grace', true), ''), '0');
  due_at bigint := moment;
  job bigint;
begin
  if tg_table_name = 'later' then
    job := new.seq;
    due_at := new.due_at;
  elsif new.last > new.first then
    -- One row a job: they leave one by one, and what is left of a row must not seem to be new. Each comes here again.
    insert into jobport.ready (queue, rank, line, first, next, last, flags, attempt, failures, crashes, redrives, claimed_at)
    select new.queue, new.rank, new.line, s, s, s, new.flags, new.attempt, new.failures, new.crashes, new.redrives, new.claimed_at
    from generate_series(new.first, new.last) s;
    return null;
  else
    job := new.first;
  end if;
  insert into jobport.unsent (seq, at, sending)
  values (
    job, case when due_at - moment > coalesce(hand_off, 0) then due_at else due_at + grace end,
    case
      when hand_off is null then nextval('jobport.sendings')::text
      when new.attempt = 0 and new.redrives = 0 then ''
      else current_setting('jobport_schema.sending', true) end
  )
  on conflict (seq) do update set at = excluded.at, sending = excluded.sending;
  return new;
end
$$;
create trigger must_send before insert on jobport.ready for each row execute function jobport.must_send();
create trigger must_send before insert on jobport.later for each row execute function jobport.must_send();
