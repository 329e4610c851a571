-- What a schema has besides when it is the memory of a broker. Jobs are in the same tables and the same states; only nobody claims them here.

-- Jobs that have to be sent, and when: their delay is over then, or nobody has confirmed that they were sent.
create table jobport.unsent (
  seq bigint primary key,
  at bigint not null
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
create index unsent_at on jobport.unsent (at);
