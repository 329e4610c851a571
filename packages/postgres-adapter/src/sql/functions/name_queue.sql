-- The number of a queue, which is noted down when it is new.
create function jobport.name_queue(wanted text) returns integer language plpgsql as $$
declare
  answer integer;
begin
  loop
    select q.no into answer from jobport.queues q where q.name = wanted;
    if found then return answer; end if;
    insert into jobport.queues (name) values (wanted) on conflict do nothing returning no into answer;
    if found then return answer; end if;
  end loop;
end
$$;
