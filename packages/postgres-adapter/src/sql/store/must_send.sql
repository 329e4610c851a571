-- Whenever a job comes to wait, it has to be sent when it is due: a new one later, where whoever brought it is about to send it, as `jobport.hand_off` and `jobport.grace`
-- say of this transaction.
create function jobport.must_send() returns trigger language plpgsql as $$
declare
  moment bigint := jobport.ms();
  hand_off bigint := nullif(current_setting('jobport_schema.hand_off', true), '');
  is_new boolean := new.attempt = 0 and new.redrives = 0 and hand_off is not null;
  due_at bigint := moment;
  low bigint;
  high bigint;
begin
  if tg_table_name = 'later' then
    low := new.seq;
    high := new.seq;
    due_at := new.due_at;
  else
    low := new.first;
    high := new.last;
  end if;
  if is_new then
    if due_at - moment <= hand_off then
      due_at := due_at + current_setting('jobport_schema.grace')::bigint;
    end if;
    insert into jobport.unsent (at, block, sending, jobs) select due_at, b, '', jobport.bits_of(b, low, high) from generate_series(low >> 8, high >> 8) b;
  else
    perform jobport.send_at(b, jobport.bits_of(b, low, high), due_at) from generate_series(low >> 8, high >> 8) b;
  end if;
  return new;
end
$$;
-- What is left of a run out of which a job was taken has been here before: it does not begin with its first.
create trigger must_send before insert on jobport.ready for each row when (new.first = new.next) execute function jobport.must_send();
create trigger must_send before insert on jobport.later for each row execute function jobport.must_send();
