-- Stores news of jobs; see report.
create function jobport.store_report(
  wanted uuid[], tokens text[], applies boolean[], begun boolean[], progress text[], logs text[]
) returns boolean[] language plpgsql as $$
declare
  answers boolean[] := array_fill(false, array[cardinality(wanted)]);
  one record;
begin
  for one in select c.* from jobport.store_claims(wanted, tokens) c order by c.seq, c.i loop
    answers[one.i] := (jobport.report(
      array[one.no], array[one.queue], array[one.attempt], array[one.claim], array[one.seq],
      array[applies[one.i]], array[begun[one.i]], array[progress[one.i]], array[logs[one.i]]
    ))[1];
  end loop;
  return answers;
end
$$;
