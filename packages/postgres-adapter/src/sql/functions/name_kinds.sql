-- The numbers of names of jobs in their queues, which are noted down when they are new.
create function jobport.name_kinds(wanted_queues text[], wanted_names text[]) returns integer[] language plpgsql as $$
declare
  answers integer[];
  answer integer;
  of_queue integer;
begin
  for i in 1..cardinality(wanted_queues) loop
    of_queue := jobport.name_queue(wanted_queues[i]);
    loop
      select k.no into answer from jobport.kinds k where k.queue = of_queue and k.name = wanted_names[i];
      exit when found;
      insert into jobport.kinds (queue, name) values (of_queue, wanted_names[i]) on conflict do nothing returning no into answer;
      exit when found;
    end loop;
    answers[i] := answer;
  end loop;
  return answers;
end
$$;
