select
  current_setting('server_version'),
  current_setting('fsync'),
  current_setting('synchronous_commit'),
  (select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum')),
  current_setting('synchronous_standby_names'),
  current_setting('transaction_read_only'),
  -- Of what keeps vacuum from its work: the age of the oldest transaction that is open, or prepared and not ended.
  (
    select floor(coalesce(max(extract(epoch from clock_timestamp() - o.since)), 0) * 1000)::bigint from (
      select a.xact_start as since from pg_stat_activity a where a.backend_xmin is not null or a.backend_xid is not null
      union all select p.prepared from pg_prepared_xacts p
    ) o
  ),
  -- As the role or the database has it, not as we set it for our own sessions.
  (select s.reset_val from pg_settings s where s.name = 'default_transaction_isolation')
