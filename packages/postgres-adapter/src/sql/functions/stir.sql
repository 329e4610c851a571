-- Rings for those who wait for jobs of these queues, when this transaction commits.
create function jobport.stir(numbers integer[]) returns void language plpgsql as $$
begin
  perform jobport.ring(array(
    select 'jobport_' || left(md5('jobport_schema.' || q.name), 24) from jobport.queues q where q.no = any (numbers)
  ));
end
$$;
