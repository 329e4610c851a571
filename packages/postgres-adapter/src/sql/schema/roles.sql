-- Roles without a login, to be granted to those that log in: `grant jobport_schema_worker to app`.
do $$
begin
  if to_regrole('jobport_schema_viewer') is null then create role jobport_schema_viewer nologin; end if;
  if to_regrole('jobport_schema_producer') is null then create role jobport_schema_producer nologin; end if;
  if to_regrole('jobport_schema_worker') is null then create role jobport_schema_worker nologin; end if;
end
$$;

-- Sees everything, changes nothing.
grant usage on schema jobport_schema to jobport_schema_viewer;
grant select on all tables in schema jobport_schema to jobport_schema_viewer;
grant execute on function jobport.ms, jobport.matching, jobport.listen_for, jobport.has, jobport.rank_of, jobport.seqs_of, jobport.size_of,
  jobport.job_at, jobport.jobs_from
to jobport_schema_viewer;

-- Enqueues and cancels, and sees what becomes of it.
grant jobport_schema_viewer to jobport_schema_producer;
grant execute on function jobport.enqueue, jobport.enqueue_jobs, jobport.cancel, jobport.ring, jobport.name_queue, jobport.name_kinds, jobport.clean
to jobport_schema_producer;

-- Works, and operates.
grant jobport_schema_producer to jobport_schema_worker;
grant execute on function jobport.claim, jobport.enqueue_and_claim, jobport.settle, jobport.exchange, jobport.extend, jobport.isolate, jobport.report, jobport.retry, jobport.remove, jobport.purge,
  jobport.pause, jobport.may_vacuum
to jobport_schema_worker;

-- A schema that is the memory of a broker has these besides.
do $$
begin
  if to_regclass('jobport.unsent') is not null then
    grant execute on function jobport.store_insert to jobport_schema_producer;
    grant execute on function jobport.store_begin, jobport.store_apply, jobport.store_due, jobport.store_sent
    to jobport_schema_worker;
    grant execute on function jobport.store_sent to jobport_schema_producer;
  end if;
end
$$;
