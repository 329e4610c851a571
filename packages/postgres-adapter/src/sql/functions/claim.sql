-- `client`: what the caller knows. A later version of this function refuses those who know too little.
create function jobport.claim(
  client integer, of_queue integer, most integer, lease bigint, random text, page integer, since bigint, look boolean,
  out no bigint, out parts text, out heads text, out bodies text, out runs integer, out next_event bigint, out swept bigint, out moment bigint
) language plpgsql as $$
begin
  if client < (select m.least_client from jobport.meta m) then
    raise exception 'the tables are of a newer version than this client' using errcode = 'JP001';
  end if;
  select t.* into no, parts, heads, bodies, runs, next_event, swept, moment
  from jobport.take(of_queue, most, lease, random, page, since, look) t;
end
$$;
