"""Carries effects out: `worker` the loop, `engine` the durable queue, `hands` the processes handlers run in."""
