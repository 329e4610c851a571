create schema if not exists url_checker;

create table if not exists url_checker.checks (
  -- The order of the pages. Two checks can end in the same microsecond.
  seq bigint generated always as identity primary key,
  -- That of the job: a job that runs twice leaves one row.
  id text not null unique,
  url text not null,
  outcome text not null,
  report jsonb not null,
  submitted_at timestamptz not null,
  finished_at timestamptz not null default clock_timestamp()
);

create index if not exists checks_by_outcome on url_checker.checks (outcome, seq);
