-- What clients call runs with the rights of the owner of the tables, so that a role needs no more than the right to call it. Its plans must not depend on
-- how large the tables were when it was planned first: a queue is empty now and has a million rows a minute later.
do $$
declare
  entry regprocedure;
begin
  for entry in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = to_regnamespace('jobport_schema')
  loop
    execute format('revoke all on function %s from public', entry);
  end loop;
  for entry in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = to_regnamespace('jobport_schema')
      and p.proname in (
        'enqueue', 'enqueue_jobs', 'enqueue_and_claim', 'claim', 'settle', 'exchange', 'extend', 'isolate', 'report', 'cancel', 'retry', 'remove', 'purge', 'pause', 'clean',
        'ring', 'listen_for', 'name_queue', 'name_kinds', 'matching', 'may_vacuum',
        'store_insert', 'store_begin', 'store_apply', 'store_due', 'store_sent'
      )
  loop
    execute format(
      'alter function %s security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off '
      'set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off set jit = off set plan_cache_mode = force_generic_plan', entry
    );
  end loop;
end
$$;
