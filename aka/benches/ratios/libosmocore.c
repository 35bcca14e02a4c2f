/* Makes vectors with libosmocore and says how long it took.
 *
 * Standard input: a byte 'm' (MILENAGE) or 't' (TUAK), the number of subscribers (two octets, the
 * low one first) and their inputs, 84 octets each. Standard output: the vectors, 56 octets each.
 * From then on each octet read makes them all again, and the nanoseconds that took are written as
 * eight octets, the low one first.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <osmocom/crypt/auth.h>

struct input {
	uint8_t k[16], opc[32], rand[16], sqn[6], amf[2], padding[12];
};

struct output {
	uint8_t autn[16], res[8], ck[16], ik[16];
};

#ifdef WITH_TUAK
typedef struct osmo_sub_auth_data2 subscriber;
#else
typedef struct osmo_sub_auth_data subscriber;
#endif

static enum osmo_auth_algo algorithm;

static subscriber take(const struct input *in)
{
	subscriber s;
	uint64_t sqn = 0;

	for (int i = 0; i < 6; i++)
		sqn = sqn << 8 | in->sqn[i];
	memset(&s, 0, sizeof(s));
	s.type = OSMO_AUTH_TYPE_UMTS;
	s.algo = algorithm;
	memcpy(s.u.umts.k, in->k, sizeof(in->k));
	memcpy(s.u.umts.opc, in->opc, sizeof(s.u.umts.opc));
	memcpy(s.u.umts.amf, in->amf, sizeof(in->amf));
	s.u.umts.sqn = sqn - 1; /* the library adds one */
#ifdef WITH_TUAK
	s.u.umts.k_len = 16;
	s.u.umts.opc_len = algorithm == OSMO_AUTH_ALG_MILENAGE ? 16 : 32;
#endif
	return s;
}

static struct osmo_auth_vector make(subscriber s, const uint8_t *rand)
{
	struct osmo_auth_vector vector;
	int failed;

	memset(&vector, 0, sizeof(vector));
	vector.res_len = 8;
#ifdef WITH_TUAK
	failed = osmo_auth_gen_vec2(&vector, &s, rand) < 0;
#else
	failed = osmo_auth_gen_vec(&vector, &s, rand) < 0;
#endif
	if (failed)
		exit(3);
	return vector;
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void show(const struct osmo_auth_vector *vector)
{
	struct output out;

	memcpy(out.autn, vector->autn, sizeof(out.autn));
	memcpy(out.res, vector->res, sizeof(out.res));
	memcpy(out.ck, vector->ck, sizeof(out.ck));
	memcpy(out.ik, vector->ik, sizeof(out.ik));
	fwrite(&out, sizeof(out), 1, stdout);
}

int main(void)
{
	static struct input inputs[65535];
	static subscriber subscribers[65535];
	static struct osmo_auth_vector vectors[65535];
	uint8_t head[3], byte;

	if (fread(head, sizeof(head), 1, stdin) != 1)
		return 1;
	size_t count = head[1] | (size_t)head[2] << 8;
	algorithm = OSMO_AUTH_ALG_MILENAGE;
#ifdef WITH_TUAK
	if (head[0] == 't')
		algorithm = OSMO_AUTH_ALG_TUAK;
#endif
	if (fread(inputs, sizeof(inputs[0]), count, stdin) != count)
		return 1;
	for (size_t i = 0; i < count; i++) {
		subscribers[i] = take(&inputs[i]);
		vectors[i] = make(subscribers[i], inputs[i].rand);
		show(&vectors[i]);
	}
	fflush(stdout);
	while (fread(&byte, 1, 1, stdin) == 1) {
		uint64_t start = now();
		for (size_t i = 0; i < count; i++)
			vectors[i] = make(subscribers[i], inputs[i].rand);
		uint64_t taken = now() - start;
		for (int i = 0; i < 8; i++)
			putchar((int)(taken >> 8 * i & 0xff));
		fflush(stdout);
	}
	return 0;
}
