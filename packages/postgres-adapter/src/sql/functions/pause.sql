-- Pauses a queue, or lets it go on.
create function jobport.pause(wanted text, pauses boolean) returns void language plpgsql as $$
begin
  perform jobport.name_queue(wanted);
  update jobport.queues q set paused = pauses where q.name = wanted and q.paused <> pauses;
end
$$;
