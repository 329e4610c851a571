-- The tables of the application, in a schema of their own; jobport's are in another one of the same database. Every program applies this when it starts, so each
-- statement may run again. src/database/tables.ts declares the same for the code, and the build of the image fails where the two differ.

-- What was asked. Rows are written once and never changed: what became of a request is told by its answer, or else by its job, which has the same id.
create table if not exists requests (
  id uuid primary key,
  client_name text not null,
  task text not null,
  params jsonb not null,
  cached boolean not null,
  requested_at timestamptz not null default now()
);

create index if not exists requests_of_client on requests (client_name, requested_at);

-- What has been computed: the cache, and the results of all requests. Whether two params are equal is for jsonb to say: neither order nor spaces count.
create table if not exists answers (
  task text not null,
  params jsonb not null,
  answer jsonb not null,
  computed_at timestamptz not null default now(),
  primary key (task, params)
);

-- Processes that a client has suspended.
create table if not exists suspensions (
  process text primary key,
  suspended_at timestamptz not null default now()
);

-- What each controller said of each of its tasks the last time. The time is the server's, so no clock has to agree with another.
create table if not exists heartbeats (
  controller uuid not null,
  task text not null,
  status text not null,
  beat_at timestamptz not null,
  primary key (controller, task)
);
