-- Ids made here keep the order they were made in, also within a millisecond: the microseconds go where RFC 9562 6.2
-- (method 3) has them, in the twelve bits after the version. The outbox is read in this order.
create or replace function uuid_v7() returns uuid
language sql volatile parallel safe
return (
    select encode(
        overlay(uuid_send(gen_random_uuid())
            placing substring(int8send(since_epoch / 1000) from 3)
                || int2send((x'7000'::int + since_epoch % 1000 * 4096 / 1000)::int2)
            from 1 for 8),
        'hex')::uuid
    from (select (extract(epoch from clock_timestamp()) * 1000000)::bigint as since_epoch) as microseconds
);
