-- Drops up to `most` jobs of a queue in a state. Answers how many.
create function jobport.purge(of_queue integer, wanted integer, most integer) returns integer language plpgsql as $$
declare
  dropped boolean[];
begin
  dropped := jobport.remove(array(
    select j.key from jobport.matching(of_queue, wanted, null, 0, most) s cross join jobport.job_at(s) j order by s
  ));
  return cardinality(array_positions(dropped, true));
end
$$;
