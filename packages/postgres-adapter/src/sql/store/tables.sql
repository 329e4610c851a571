-- What a schema has besides when it is the memory of a broker. Jobs are in the same tables and the same states; only nobody claims them here.

-- Jobs that have to be sent, and when: their delay is over then, or nobody has confirmed that they were sent. At the end of time: when their queue is resumed. As in
-- `leases`, a row is a set of jobs of one block that have all of it in common.
create table jobport.unsent (
  at bigint not null,
  block bigint not null,
  -- Tells a confirmation of this sending from one of an earlier one.
  sending text not null,
  jobs bit varying not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
create index unsent_block on jobport.unsent (block);
create index unsent_at on jobport.unsent (at);
create sequence jobport.sendings;

-- Of the call that brought the job.
alter table jobport.jobs add column origin text default nullif(current_setting('jobport_schema.origin', true), '');
