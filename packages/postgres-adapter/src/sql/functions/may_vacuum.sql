-- Whether the caller may vacuum the tables, and nobody has within the last second.
create function jobport.may_vacuum() returns boolean language plpgsql as $$
declare
  moment bigint := jobport.ms();
begin
  if not (select pg_has_role(session_user, c.relowner, 'usage') from pg_class c where c.oid = 'jobport.jobs'::regclass) then return false; end if;
  update jobport.upkeep u set vacuumed_at = moment
  where u.ctid = (select o.ctid from jobport.upkeep o where abs(moment - o.vacuumed_at) >= 900 for update skip locked);
  return found;
end
$$;
