/* source - what is known of items and users: a model, a dataset, or both. */
#include "source.h"

#include <stdlib.h>

#include "catalog_load.h"
#include "threads.h"

int
source_open(
    struct source *s, const char *model_path, const char *dataset_path, char **why)
{
	*s = (struct source){ 0 };
	if (model_path) {
		if (!(s->model = model_open_by_user(model_path, why)))
			return -1;
		s->catalog = &s->model->catalog;
	}
	if (!dataset_path)
		return 0;
	if ((s->dataset = dataset_open(dataset_path, false, why)))
		s->loaded = catalog_load(s->dataset, s->catalog, threads_cores(), why);
	if (!s->loaded) {
		source_close(s);
		return -1;
	}
	dataset_unlock(s->dataset);
	s->catalog = s->loaded;
	return 0;
}

void
source_close(struct source *s)
{
	if (s->loaded)
		catalog_release(s->loaded);
	free(s->loaded);
	if (s->dataset)
		dataset_close(s->dataset);
	model_close(s->model);
	*s = (struct source){ 0 };
}
