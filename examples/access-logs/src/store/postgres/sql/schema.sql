create schema if not exists :schema;

-- A row for each file that was ever imported, so that it is recognised.
create table if not exists :schema.files (
  id integer generated always as identity primary key,
  sha256 text not null unique,
  name text not null,
  bytes bigint not null,
  lines integer not null,
  kept integer not null,
  rejected integer not null,
  -- Why it could not be read to its end.
  broken text,
  -- The hash of its first line: files that are versions of one log begin alike.
  first_line text,
  -- The file that has every line of this one, which therefore has no rows in the tables below.
  part_of integer references :schema.files,
  imported_at timestamptz not null default now()
);
create index if not exists files_first_line on :schema.files (first_line) where part_of is null;

-- Columns of eight bytes first, so that none has to be padded. `at` has no zone, since the log has none: a day is the day of the machine that wrote it.
-- No foreign key to files: it would be checked line by line, at three times the price of the whole. Rows and file are written in one transaction.
create table if not exists :schema.requests (
  at timestamp not null,
  reqtime double precision,
  file integer not null,
  line integer not null,
  id text,
  level text,
  method text,
  uri text not null,
  -- Says what a line is, and refuses to have one twice. Lines come in its order, so it grows at its end only.
  primary key (file, line)
);
-- For what is asked by time: a few pages in all, for a file has the lines of a day, and lies in one place.
create index if not exists requests_at on :schema.requests using brin (at);

create table if not exists :schema.rejected_lines (
  file integer not null,
  line integer not null,
  reason text not null,
  text text not null,
  primary key (file, line)
);

-- The count of each uri per day, of each file: two files never write to the same row, so they need not wait for each other. Nearly always one row for
-- each file, day and uri; a file with very many uris may have several.
create table if not exists :schema.uri_counts (
  day date not null,
  uri text not null,
  count bigint not null,
  file integer not null
);
create index if not exists uri_counts_day on :schema.uri_counts (day);
create index if not exists uri_counts_file on :schema.uri_counts (file);
