"""Where else than in processes of this machine a batch is tagged: each module is one engine for `batch.tag_batch`."""
