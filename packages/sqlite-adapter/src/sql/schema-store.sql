-- What a file has besides when it is the memory of a broker. Jobs are in the same tables and the same states; only nobody claims them here.

-- Jobs that are not finished, and when they have to be sent: their delay is over then, nobody has confirmed in time that they were sent, or
-- their lease has run out. Null: they are with the broker. The largest integer: when their queue is resumed.
create table jobport_sending (
  seq integer primary key,
  at integer,
  -- Tells a confirmation of this sending from one of an earlier one.
  sending text not null,
  -- Of the call that brought the job.
  origin text not null default ''
);
create index jobport_sending_at on jobport_sending (at) where at is not null;

create trigger jobport_finished_is_not_sent after insert on jobport_finished begin
  delete from jobport_sending where seq = new.seq;
end;
create trigger jobport_gone_is_not_sent after delete on jobport_jobs begin
  delete from jobport_sending where seq = old.seq;
end;
