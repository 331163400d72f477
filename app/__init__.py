"""The bench: a page on which a Hebbian synapse learns in front of the visitor."""

import jax

# Whoever calls the engine waits for it, in a thread of its own: handing the work on to a thread of
# JAX's would only add the time it takes to wake that one up.
jax.config.update("jax_cpu_enable_async_dispatch", False)
